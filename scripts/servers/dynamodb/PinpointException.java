package software.amazon.awssdk.services.pinpoint.model;

/** Named in a catch clause of DynamoDB Local's telemetry, so it has to exist; see the exclusions of dynamodb-pom.xml. */
public class PinpointException extends RuntimeException {}
