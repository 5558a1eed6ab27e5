package settings;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.retry.RetryRegistry;
import io.github.resilience4j.timelimiter.TimeLimiterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;

/** Starts Spring Boot with each file of settings and prints what Resilience4j made of it, as JSON. */
@EnableAutoConfiguration
public class Settings {
  public static void main(String[] files) throws Exception {
    for (String file : files) {
      understand(file);
    }
  }

  private static void understand(String file) throws Exception {
    try (var context =
        new SpringApplicationBuilder(Settings.class)
            .web(WebApplicationType.NONE)
            .properties("spring.config.import=file:" + file)
            .properties("spring.main.banner-mode=off", "logging.level.root=warn")
            .run()) {
      Map<String, Map<String, Object>> all = new TreeMap<>();
      context.getBean(CircuitBreakerRegistry.class).getAllCircuitBreakers().forEach(
          it -> {
            var config = it.getCircuitBreakerConfig();
            Map<String, Object> said = new TreeMap<>();
            said.put("window", config.getSlidingWindowType() + " " + config.getSlidingWindowSize());
            said.put("minimum", config.getMinimumNumberOfCalls());
            said.put("rate", config.getFailureRateThreshold());
            said.put("slow_ms", config.getSlowCallDurationThreshold().toMillis());
            said.put("slow_rate", config.getSlowCallRateThreshold());
            said.put("open_ms", config.getWaitIntervalFunctionInOpenState().apply(1));
            said.put("trials", config.getPermittedNumberOfCallsInHalfOpenState());
            var refusal =
                new org.springframework.web.client.HttpClientErrorException(
                    org.springframework.http.HttpStatus.NOT_FOUND);
            said.put("ignores_4xx", config.getIgnoreExceptionPredicate().test(refusal));
            all.computeIfAbsent("circuitbreaker", any -> new TreeMap<>()).put(it.getName(), said);
          });
      context.getBean(RetryRegistry.class).getAllRetries().forEach(
          it -> {
            var config = it.getRetryConfig();
            List<Long> waits = new ArrayList<>();
            for (int attempt = 1; attempt <= 400; attempt++) {
              waits.add(config.getIntervalBiFunction().apply(attempt > 200 ? 9 : 1, null));
            }
            all.computeIfAbsent("retry", any -> new TreeMap<>())
                .put(it.getName(), Map.of("attempts", config.getMaxAttempts(), "waits", waits));
          });
      context.getBean(TimeLimiterRegistry.class).getAllTimeLimiters().forEach(
          it ->
              all.computeIfAbsent("timelimiter", any -> new TreeMap<>())
                  .put(it.getName(), it.getTimeLimiterConfig().getTimeoutDuration().toMillis()));
      context.getBean(BulkheadRegistry.class).getAllBulkheads().forEach(
          it ->
              all.computeIfAbsent("bulkhead", any -> new TreeMap<>())
                  .put(it.getName(), it.getBulkheadConfig().getMaxConcurrentCalls()));
      System.out.println(new ObjectMapper().writeValueAsString(all));
    }
  }
}
