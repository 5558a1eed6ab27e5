package app;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.retry.Retry;
import java.net.http.HttpClient.Version;
import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.ClientHttpRequestFactorySettings;
import org.springframework.boot.http.client.ClientHttpRequestFactorySettings.Redirects;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

/** Calls one service. Each attempt has its time, and passes the bulkhead and the breaker. */
class Client {
  private final Dependency dependency;
  private final Optional<RestClient> http;
  private final Optional<CircuitBreaker> breaker;
  private final Optional<Bulkhead> bulkhead;
  private final Optional<Retry> retry;

  Client(Dependency dependency, Resilience resilience, RestClient.Builder builder) {
    this.dependency = dependency;
    this.breaker = resilience.breaker(dependency);
    this.bulkhead = resilience.bulkhead(dependency);
    this.retry = resilience.retry(dependency);
    // Another service's redirect is an answer, not an order.
    var settings =
        ClientHttpRequestFactorySettings.defaults().withRedirects(Redirects.DONT_FOLLOW);
    var timeout = resilience.timeout(dependency);
    if (timeout.isPresent()) {
      settings = settings.withTimeouts(timeout.get(), timeout.get());
    }
    var factory =
        ClientHttpRequestFactoryBuilder.jdk()
            .withHttpClientCustomizer(it -> it.version(Version.HTTP_1_1))
            .build(settings);
    this.http =
        resilience
            .url(dependency)
            .map(
                url ->
                    builder
                        .clone()
                        .baseUrl(url)
                        .requestFactory(factory)
                        .requestInterceptor(Ids::passOn)
                        .build());
  }

  /** What its breaker is called, if it has one. */
  Optional<String> breakerName() {
    return breaker.map(CircuitBreaker::getName);
  }

  Dependency dependency() {
    return dependency;
  }

  /** What the service said; a refusal (4xx) is an {@link HttpClientErrorException}. */
  ResponseEntity<String> call(HttpMethod method, String path, String body) {
    try {
      return attempts(method, path, body).get();
    } catch (HttpClientErrorException refusal) {
      throw refusal;
    } catch (RuntimeException cause) {
      if (dependency.fallback() == null) {
        throw cause;
      }
      return instead();
    }
  }

  /** What to do instead: put the real fallback here. */
  private ResponseEntity<String> instead() {
    return ResponseEntity.ok(dependency.fallback());
  }

  private Supplier<ResponseEntity<String>> attempts(HttpMethod method, String path, String body) {
    Supplier<ResponseEntity<String>> send = () -> send(method, path, body);
    if (breaker.isPresent()) {
      send = CircuitBreaker.decorateSupplier(breaker.get(), send);
    }
    if (bulkhead.isPresent()) {
      send = Bulkhead.decorateSupplier(bulkhead.get(), send);
    }
    if (retry.isPresent() && dependency.mayRepeat(method)) {
      send = Retry.decorateSupplier(retry.get(), send);
    }
    return send;
  }

  private ResponseEntity<String> send(HttpMethod method, String path, String body) {
    var client =
        http.orElseThrow(() -> new ResourceAccessException(dependency.address() + " is not set"));
    var request = client.method(method).uri(path);
    if (body != null) {
      request.contentType(MediaType.APPLICATION_JSON).body(body);
    }
    return request.retrieve().toEntity(String.class);
  }
}
