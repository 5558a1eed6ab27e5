package app;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpMethod;
import org.springframework.stereotype.Component;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.RestClient;

/** The clients of every dependency. */
@Component
class Calls {
  private static final Logger LOG = LoggerFactory.getLogger(Calls.class);

  private static final List<HttpMethod> WITH_BODY =
      List.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH);

  private final List<Client> clients;

  Calls(Resilience resilience, RestClient.Builder builder) {
    this.clients =
        Design.DEPENDENCIES.stream().map(it -> new Client(it, resilience, builder)).toList();
    refuseTwins(clients.stream().flatMap(it -> it.breakerName().stream()).toList());
  }

  /** Two dependencies with one breaker would open it for each other. */
  static void refuseTwins(List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new SettingsException(
            "two breakers are called \"" + name + "\": set another ..._BREAKER_NAME");
      }
    }
  }

  /** How each dependency answered, and whether one that is needed failed. */
  record Asked(Map<String, Object> answers, boolean hasFailed) {}

  /** Calls every dependency once. */
  Asked ask() {
    Map<String, Object> answers = new LinkedHashMap<>();
    boolean hasFailed = false;
    for (Client client : clients) {
      Dependency it = client.dependency();
      boolean hasBody = WITH_BODY.contains(it.method());
      try {
        var answer = client.call(it.method(), it.path(), hasBody ? "{}" : null);
        answers.put(it.name(), answer.getStatusCode().value());
      } catch (HttpClientErrorException refusal) {
        answers.put(it.name(), refusal.getStatusCode().value());
      } catch (RuntimeException cause) {
        LOG.atWarn()
            .addKeyValue("error.type", cause.getClass().getName())
            .addKeyValue("error.message", cause.getMessage())
            .log("call failed");
        answers.put(it.name(), cause.getClass().getSimpleName());
        hasFailed |= it.isHard();
      }
    }
    return new Asked(answers, hasFailed);
  }
}
