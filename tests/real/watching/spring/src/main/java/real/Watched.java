package real;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Calls a bank through a breaker; /break and /heal say what the bank does. */
@SpringBootApplication
@RestController
public class Watched {

  private final CircuitBreaker breaker;
  private volatile boolean isWell = true;

  public Watched(CircuitBreakerRegistry registry) {
    breaker = registry.circuitBreaker("bank");
  }

  public static void main(String[] arguments) {
    SpringApplication.run(Watched.class, arguments);
  }

  @GetMapping("/call")
  public ResponseEntity<String> call() {
    try {
      return ResponseEntity.ok(breaker.executeSupplier(this::charge));
    } catch (CallNotPermittedException refused) {
      return ResponseEntity.status(503).body("refused");
    } catch (IllegalStateException failed) {
      return ResponseEntity.status(502).body("failed");
    }
  }

  @GetMapping("/break")
  public void breakIt() {
    isWell = false;
  }

  @GetMapping("/heal")
  public void heal() {
    isWell = true;
  }

  @GetMapping("/to/{state}")
  public void to(@PathVariable String state) {
    switch (state) {
      case "forced-open" -> breaker.transitionToForcedOpenState();
      case "disabled" -> breaker.transitionToDisabledState();
      case "metrics-only" -> breaker.transitionToMetricsOnlyState();
      default -> breaker.transitionToClosedState();
    }
  }

  private String charge() {
    if (!isWell) {
      throw new IllegalStateException("the bank failed");
    }
    return "charged";
  }
}
