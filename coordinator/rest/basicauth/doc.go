// Package basicauth is Kafka Connect's basic-auth extension, org.apache.kafka.connect.rest.basic.auth.extension.
// BasicAuthSecurityRestExtension: who uses the REST API must send a user name and a password that a file has.
//
// The file is found as in Kafka Connect. A JAAS file has the entry KafkaConnect, whose module PropertyFileLoginModule has the option
// file; that is a Java properties file, one line user=password each:
//
//	KafkaConnect {
//	  org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule required
//	  file="/etc/connect/users.properties";
//	};
//
// A Java process takes the JAAS file from the system property java.security.auth.login.config. Here the worker key
// ferry.java.security.auth.login.config names it; if it is not set, KAFKA_OPTS is searched for that property (package worker).
//
// # As in Kafka Connect
//
// The files are read once. A file without users lets everybody in. Whoever is refused gets 401 with a text and without
// WWW-Authenticate, so a browser does not ask for a password.
//
// # Differences from Kafka Connect
//
// What is wrong with the files is told at the start, and not by each request. An Authorization header that is no base64 is 401 and not
// 500. A path that does not exist is 401 too without credentials, where Kafka Connect answers 404 and so tells which paths there are.
// The endpoints between workers are no exception, since there are none. Passwords are compared in constant time.
package basicauth
