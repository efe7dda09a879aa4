# Sourced by the scripts that run something of Apache Kafka: fetches kafka-pom.xml and sets kafka to the folder with lib/
# and plugins/.
need_java
kafka=$cache/kafka-$(fingerprint "$here/kafka-pom.xml")
once "$kafka" maven "$here/kafka-pom.xml"
