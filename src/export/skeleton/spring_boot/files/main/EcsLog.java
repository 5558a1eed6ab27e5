package app;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import java.util.Locale;
import java.util.Objects;
import org.slf4j.event.KeyValuePair;
import org.springframework.boot.json.JsonWriter.Members;
import org.springframework.boot.json.JsonWriter.PairExtractor;
import org.springframework.boot.logging.structured.JsonWriterStructuredLogFormatter;
import org.springframework.core.env.Environment;

/**
 * One JSON object a line, in the names of the Elastic Common Schema, written with dots as every
 * other service does; Spring Boot's own {@code ecs} nests them.
 */
class EcsLog extends JsonWriterStructuredLogFormatter<ILoggingEvent> {
  EcsLog(Environment environment, ThrowableProxyConverter stack) {
    super(members -> fill(members, environment, stack), null);
  }

  private static void fill(
      Members<ILoggingEvent> members, Environment environment, ThrowableProxyConverter stack) {
    members.add("@timestamp", ILoggingEvent::getInstant).as(Objects::toString);
    members
        .add("log.level", ILoggingEvent::getLevel)
        .as(level -> level.toString().toLowerCase(Locale.ROOT));
    members.add("message", ILoggingEvent::getFormattedMessage);
    members.add("ecs.version", "8.11.0");
    members.add("service.name", environment.getProperty("spring.application.name"));
    members.add("log.logger", ILoggingEvent::getLoggerName);
    members.addMapEntries(ILoggingEvent::getMDCPropertyMap);
    members
        .from(ILoggingEvent::getKeyValuePairs)
        .whenNotEmpty()
        .usingExtractedPairs(
            Iterable::forEach,
            PairExtractor.<KeyValuePair>of(pair -> pair.key, pair -> pair.value));
    members
        .add()
        .whenNotNull(ILoggingEvent::getThrowableProxy)
        .usingMembers(
            error -> {
              error
                  .add("error.type", ILoggingEvent::getThrowableProxy)
                  .as(IThrowableProxy::getClassName);
              error
                  .add("error.message", ILoggingEvent::getThrowableProxy)
                  .as(IThrowableProxy::getMessage);
              error.add("error.stack_trace", stack::convert);
            });
  }
}
