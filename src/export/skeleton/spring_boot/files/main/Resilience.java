package app;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.github.resilience4j.retry.RetryRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import org.springframework.web.client.HttpServerErrorException;
import org.springframework.web.client.ResourceAccessException;

/**
 * What protects a call: as /config/breakers.yaml says where it names the dependency, else as the
 * environment says, else nothing.
 *
 * <p>Resilience4j judges its trials by the failure rate once all of them are done, so that one
 * failed trial alone may not open it again.
 */
@Component
class Resilience {
  private final Environment environment;
  private final CircuitBreakerRegistry breakers;
  private final RetryRegistry retries;
  private final BulkheadRegistry bulkheads;

  Resilience(
      Environment environment,
      CircuitBreakerRegistry breakers,
      RetryRegistry retries,
      BulkheadRegistry bulkheads) {
    this.environment = environment;
    this.breakers = breakers;
    this.retries = retries;
    this.bulkheads = bulkheads;
  }

  Optional<String> url(Dependency it) {
    var url =
        Optional.ofNullable(environment.getProperty(it.address()))
            .map(String::strip)
            .filter(text -> !text.isEmpty());
    if (url.isEmpty() && it.isHard()) {
      throw new SettingsException(
          it.address() + " is not set, and nothing works without " + it.name());
    }
    if (url.filter(text -> !text.matches("https?://.+")).isPresent()) {
      throw new SettingsException(it.address() + " must start with http:// or https://");
    }
    return url.map(text -> text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
  }

  Optional<Duration> timeout(Dependency it) {
    return limit(it, "TIMEOUT_MS").map(Duration::ofMillis);
  }

  Optional<CircuitBreaker> breaker(Dependency it) {
    String name = name(it);
    return breakers
        .find(name)
        .or(() -> config(it).map(config -> breakers.circuitBreaker(name, config)));
  }

  Optional<Retry> retry(Dependency it) {
    String name = name(it);
    return retries
        .find(name)
        .or(
            () ->
                whole(it, "RETRIES")
                    .map(count -> retries.retry(name, retryConfig(it, count))));
  }

  Optional<Bulkhead> bulkhead(Dependency it) {
    String name = name(it);
    return bulkheads
        .find(name)
        .or(
            () ->
                limit(it, "BULKHEAD")
                    .map(Math::toIntExact)
                    .map(
                        count ->
                            BulkheadConfig.custom()
                                .maxConcurrentCalls(count)
                                .maxWaitDuration(Duration.ZERO)
                                .build())
                    .map(config -> bulkheads.bulkhead(name, config)));
  }

  /** What everything that protects these calls is called. */
  private String name(Dependency it) {
    return text(it, "BREAKER_NAME").orElse(it.name());
  }

  private RetryConfig retryConfig(Dependency it, int count) {
    double base = number(it, "RETRY_BACKOFF_MS").orElse(0L);
    double cap = number(it, "RETRY_MAX_BACKOFF_MS").orElse(Long.MAX_VALUE);
    boolean hasJitter = flag(it, "RETRY_JITTER", true);
    IntervalFunction pause =
        attempt -> {
          long longest = (long) Math.min(cap, base * Math.pow(2, attempt - 1));
          return hasJitter && longest > 0
              ? ThreadLocalRandom.current().nextLong(longest + 1)
              : longest;
        };
    return RetryConfig.custom()
        .maxAttempts(count + 1)
        .intervalFunction(pause)
        .retryExceptions(HttpServerErrorException.class, ResourceAccessException.class)
        .build();
  }

  /** Empty where no variable says that there is a breaker. */
  private Optional<CircuitBreakerConfig> config(Dependency it) {
    Stream<String> names =
        Stream.of(
            "FAILURE_RATE",
            "CONSECUTIVE_FAILURES",
            "WINDOW_CALLS",
            "WINDOW_MS",
            "MINIMUM_CALLS",
            "SLOW_CALL_MS",
            "SLOW_CALL_RATE",
            "OPEN_MS",
            "HALF_OPEN_CALLS",
            "NAME");
    if (names.noneMatch(name -> text(it, "BREAKER_" + name).isPresent())) {
      return Optional.empty();
    }
    Optional<Integer> inARow = whole(it, "BREAKER_CONSECUTIVE_FAILURES");
    Optional<Double> rate = percent(it, "BREAKER_FAILURE_RATE");
    Optional<Duration> slow = time(it, "BREAKER_SLOW_CALL_MS");
    var config =
        CircuitBreakerConfig.from(breakers.getDefaultConfig())
            .waitDurationInOpenState(time(it, "BREAKER_OPEN_MS").orElse(Duration.ofSeconds(30)))
            .permittedNumberOfCallsInHalfOpenState(whole(it, "BREAKER_HALF_OPEN_CALLS").orElse(3))
            .slowCallDurationThreshold(slow.orElse(Duration.ofDays(365)))
            .slowCallRateThreshold(percent(it, "BREAKER_SLOW_CALL_RATE").orElse(100.0).floatValue())
            // Where only slow calls open it, failures do so when every one failed.
            .failureRateThreshold(rate.orElse(slow.isPresent() ? 100.0 : 50.0).floatValue());
    if (inARow.isPresent() && rate.isEmpty()) {
      // All of the last so many failed: the same as so many failures in a row.
      int count = inARow.get();
      config
          .slidingWindow(count, count, SlidingWindowType.COUNT_BASED)
          .failureRateThreshold(100);
      return Optional.of(config.build());
    }
    Optional<Integer> calls = whole(it, "BREAKER_WINDOW_CALLS");
    Optional<Duration> period = time(it, "BREAKER_WINDOW_MS");
    int minimum = whole(it, "BREAKER_MINIMUM_CALLS").orElse(10);
    if (calls.isEmpty() && period.isPresent()) {
      int seconds = (int) Math.max(1, Math.ceil(period.get().toMillis() / 1000.0));
      config.slidingWindow(seconds, minimum, SlidingWindowType.TIME_BASED);
    } else {
      int size = calls.orElse(20);
      config.slidingWindow(size, Math.min(minimum, size), SlidingWindowType.COUNT_BASED);
    }
    return Optional.of(config.build());
  }

  private Optional<String> text(Dependency it, String name) {
    return Optional.ofNullable(environment.getProperty(it.prefix() + "_" + name))
        .map(String::strip)
        .filter(text -> !text.isEmpty());
  }

  /** A whole number that says something; zero says nothing. */
  private Optional<Long> number(Dependency it, String name) {
    return written(it, name).filter(number -> number > 0);
  }

  /** With none of a limit left, every call would fail. */
  private Optional<Long> limit(Dependency it, String name) {
    var number = written(it, name);
    if (number.filter(limit -> limit == 0).isPresent()) {
      throw refusal(it, name, "1 or more, or left out for no such limit", "0");
    }
    return number;
  }

  private Optional<Long> written(Dependency it, String name) {
    return text(it, name)
        .map(
            text -> {
              if (!text.matches("[0-9]{1,9}")) {
                throw refusal(it, name, "a whole number", text);
              }
              return Long.valueOf(text);
            });
  }

  private Optional<Double> percent(Dependency it, String name) {
    return text(it, name)
        .map(
            text -> {
              if (!text.matches("[0-9]{1,3}([.][0-9]+)?") || Double.parseDouble(text) > 100) {
                throw refusal(it, name, "a percentage", text);
              }
              return Double.valueOf(text);
            })
        .filter(number -> number > 0);
  }

  private boolean flag(Dependency it, String name, boolean usual) {
    return text(it, name)
        .map(
            text -> {
              if (!text.matches("true|false")) {
                throw refusal(it, name, "true or false", text);
              }
              return Boolean.valueOf(text);
            })
        .orElse(usual);
  }

  private static SettingsException refusal(Dependency it, String name, String must, String text) {
    String variable = it.prefix() + "_" + name;
    return new SettingsException(variable + " must be " + must + ", not \"" + text + "\"");
  }

  private Optional<Integer> whole(Dependency it, String name) {
    return number(it, name).map(Math::toIntExact);
  }

  private Optional<Duration> time(Dependency it, String name) {
    return number(it, name).map(Duration::ofMillis);
  }
}
