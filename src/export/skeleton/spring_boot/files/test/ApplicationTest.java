package app;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.autoconfigure.actuate.observability.AutoConfigureObservability;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.client.TestRestTemplate;
import org.springframework.http.HttpEntity;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** What the service answers, and what it writes down. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@AutoConfigureObservability(tracing = false)
@ExtendWith(OutputCaptureExtension.class)
class ApplicationTest {
  @Autowired private TestRestTemplate http;
  @Autowired private CircuitBreakerRegistry breakers;

  /** Nobody listens there. */
  @DynamicPropertySource
  static void addresses(DynamicPropertyRegistry registry) {
    Design.DEPENDENCIES.forEach(it -> registry.add(it.address(), () -> "http://127.0.0.1:1"));
  }

  private ResponseEntity<String> get(String path, String id, String parent) {
    var headers = new HttpHeaders();
    headers.set(Ids.REQUEST_ID, id);
    headers.set(Ids.TRACE_PARENT, parent);
    return http.exchange(path, HttpMethod.GET, new HttpEntity<>(headers), String.class);
  }

  @Test
  void answersThoseWhoWatchOverIt() {
    breakers.circuitBreaker("odd").transitionToOpenState();
    assertThat(http.getForEntity(Design.HEALTH_PATH, String.class))
        .matches(it -> it.getStatusCode() == HttpStatus.OK)
        .matches(it -> it.getBody().contains("\"status\":\"UP\""));
    assertThat(http.getForEntity("/ready", String.class).getStatusCode()).isEqualTo(HttpStatus.OK);
    assertThat(http.getForObject("/breakers", String.class))
        .contains("\"circuitBreakers\"", "\"odd\"", "\"state\":\"OPEN\"");
    assertThat(http.getForObject(Design.METRICS_PATH, String.class))
        .contains("resilience4j_circuitbreaker_state", "http_server_requests_seconds_count");
  }

  @Test
  void takesOnlyUsableIdsAndWritesThemDown(CapturedOutput output) {
    String trace = "ab".repeat(16);
    var kept = get(Design.HEALTH_PATH, "order-4711", "00-" + trace + "-00f067aa0ba902b7-01");
    assertThat(kept.getHeaders().getFirst(Ids.REQUEST_ID)).isEqualTo("order-4711");
    assertThat(output)
        .contains(
            "\"log.level\":\"info\"",
            "\"trace.id\":\"" + trace + "\"",
            "\"http.request.id\":\"order-4711\"",
            "\"http.response.status_code\":200");
    var replaced = get(Design.HEALTH_PATH, "a b{}", "no parent");
    assertThat(replaced.getHeaders().getFirst(Ids.REQUEST_ID)).matches("[0-9a-f]{32}");
  }
}
