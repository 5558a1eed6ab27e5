package app;

import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** Asks every dependency, and tells how each answered: put the real work in its place. */
@Component
class Example {
  private final Calls calls;

  Example(Calls calls) {
    this.calls = calls;
  }

  ResponseEntity<Map<String, Object>> answer(String operation) {
    var asked = calls.ask();
    var status = asked.hasFailed() ? HttpStatus.BAD_GATEWAY : HttpStatus.OK;
    return ResponseEntity.status(status)
        .body(Map.of("operation", operation, "dependencies", asked.answers()));
  }
}
