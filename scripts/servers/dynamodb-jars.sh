# Sourced by the scripts that run DynamoDB Local: fetches dynamodb-pom.xml, compiles our launcher, and sets dynamodb to the
# folder with lib/ and classes/.
need_java
dynamodb=$cache/dynamodb-$(fingerprint "$here/dynamodb-pom.xml" "$here"/dynamodb/*.java)

compile() { # compile FOLDER: jars and our launcher
  need javac "a Java development kit, 17 or newer"
  maven "$here/dynamodb-pom.xml" "$1" &&
    javac -nowarn -cp "$1/lib/*" -d "$1/classes" "$here"/dynamodb/*.java >&2
}
once "$dynamodb" compile

# What a command line begins with; Launcher's own options follow.
launcher=("-Djava.library.path=$dynamodb/lib" "-Dsqlite4java.library.path=$dynamodb/lib" -cp "$dynamodb/classes:$dynamodb/lib/*" Launcher)
