#!/bin/sh
# Made with keytool of OpenJDK 17: a key with its chain and a trust store, in both of Java's formats. The passwords are in keytool_test.go.
set -eu
cd "$(dirname "$0")"
rm -f ./*.jks ./*.p12 ca.pem client.csr client.pem
k() { keytool -noprompt -storepass keytool-store "$@"; }
k -genkeypair -keystore ca.p12 -storetype PKCS12 -alias ca -dname CN=keytool-ca -keyalg EC -ext bc:c -validity 36500
k -exportcert -rfc -keystore ca.p12 -alias ca -file ca.pem
k -genkeypair -keystore client.jks -storetype JKS -keypass keytool-key -alias client -dname CN=keytool-client -keyalg RSA -validity 36500
k -certreq -keystore client.jks -keypass keytool-key -alias client -file client.csr
k -gencert -rfc -keystore ca.p12 -alias ca -infile client.csr -outfile client.pem -validity 36500
k -importcert -keystore client.jks -alias ca -file ca.pem
k -importcert -keystore client.jks -keypass keytool-key -alias client -file client.pem
k -importkeystore -srckeystore client.jks -srcstorepass keytool-store -srcalias client -srckeypass keytool-key \
  -destkeystore client.p12 -deststoretype PKCS12 -deststorepass keytool-store -destkeypass keytool-store
k -importcert -keystore trust.jks -storetype JKS -alias ca -file ca.pem
k -importcert -keystore trust.p12 -storetype PKCS12 -alias ca -file ca.pem
rm -f ca.p12 client.csr
