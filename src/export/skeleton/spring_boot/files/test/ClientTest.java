package app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.retry.RetryRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpMethod;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.HttpServerErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

/** How other services are called, and when they are no longer called. */
class ClientTest {
  private final MockEnvironment environment = new MockEnvironment();
  private final TestClock clock = new TestClock();
  private final CircuitBreakerRegistry breakers =
      CircuitBreakerRegistry.of(
          CircuitBreakerConfig.custom()
              .ignoreExceptions(HttpClientErrorException.class)
              .clock(clock)
              .currentTimestampFunction(Clock::millis, TimeUnit.MILLISECONDS)
              .build());
  private final AtomicInteger sent = new AtomicInteger();
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch leave = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private volatile int status = 200;
  private volatile boolean isHanging;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          sent.incrementAndGet();
          entered.countDown();
          try {
            if (isHanging) {
              leave.await();
            }
          } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
          }
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
    say("URL", "http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    leave.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void say(String name, Object value) {
    environment.setProperty("OTHER_" + name, value.toString());
  }

  private Client client(Boolean idempotent, String fallback) {
    var it =
        new Dependency(
            "other", "OTHER", "OTHER_URL", HttpMethod.GET, "/", idempotent, true, fallback);
    var resilience =
        new Resilience(
            environment, breakers, RetryRegistry.ofDefaults(), BulkheadRegistry.ofDefaults());
    return new Client(it, resilience, RestClient.builder());
  }

  private CircuitBreaker breaker() {
    return breakers.find("other").orElseThrow();
  }

  private void fails(Client client) {
    assertThatThrownBy(() -> client.call(HttpMethod.GET, "/", null))
        .isInstanceOf(HttpServerErrorException.class);
  }

  private void usualBreaker() {
    say("BREAKER_FAILURE_RATE", 50);
    say("BREAKER_WINDOW_CALLS", 4);
    say("BREAKER_MINIMUM_CALLS", 4);
    say("BREAKER_OPEN_MS", 1000);
    say("BREAKER_HALF_OPEN_CALLS", 2);
  }

  @Test
  void opensAsConfiguredAndTriesAgain() {
    usualBreaker();
    Client client = client(null, null);
    client.call(HttpMethod.GET, "/", null);
    client.call(HttpMethod.GET, "/", null);
    status = 503;
    fails(client);
    assertThat(breaker().getState()).isEqualTo(State.CLOSED);
    fails(client);
    assertThat(breaker().getState()).isEqualTo(State.OPEN);
    assertThatThrownBy(() -> client.call(HttpMethod.GET, "/", null))
        .isInstanceOf(CallNotPermittedException.class);
    assertThat(sent).hasValue(4);
    status = 200;
    clock.pass(Duration.ofMillis(1001));
    client.call(HttpMethod.GET, "/", null);
    assertThat(breaker().getState()).isEqualTo(State.HALF_OPEN);
    client.call(HttpMethod.GET, "/", null);
    assertThat(breaker().getState()).isEqualTo(State.CLOSED);
  }

  @Test
  void letsOnlyItsTrialsThroughHoweverManyComeAtOnce() {
    usualBreaker();
    client(null, null);
    breaker().transitionToOpenState();
    clock.pass(Duration.ofMillis(1001));
    var admitted = new AtomicInteger();
    var all =
        IntStream.range(0, 100)
            .mapToObj(
                it ->
                    CompletableFuture.runAsync(
                        () -> {
                          if (breaker().tryAcquirePermission()) {
                            admitted.incrementAndGet();
                          }
                        },
                        threads))
            .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(all).join();
    assertThat(admitted).hasValue(2);
  }

  @Test
  void opensAfterFailuresInARow() {
    say("BREAKER_CONSECUTIVE_FAILURES", 2);
    Client client = client(null, null);
    status = 500;
    fails(client);
    status = 200;
    client.call(HttpMethod.GET, "/", null);
    status = 500;
    fails(client);
    assertThat(breaker().getState()).isEqualTo(State.CLOSED);
    fails(client);
    assertThat(breaker().getState()).isEqualTo(State.OPEN);
  }

  @Test
  void aRefusalIsNoFailureAndIsNotRepeated() {
    say("BREAKER_CONSECUTIVE_FAILURES", 1);
    say("RETRIES", 2);
    status = 404;
    Client client = client(null, "an old answer");
    assertThatThrownBy(() -> client.call(HttpMethod.GET, "/", null))
        .isInstanceOf(HttpClientErrorException.class);
    assertThat(breaker().getState()).isEqualTo(State.CLOSED);
    assertThat(breaker().getMetrics().getNumberOfBufferedCalls()).isZero();
    assertThat(sent).hasValue(1);
  }

  @Test
  void fallsBack() {
    say("BREAKER_CONSECUTIVE_FAILURES", 1);
    status = 500;
    Client client = client(null, "an old answer");
    for (int call = 0; call < 3; call++) {
      assertThat(client.call(HttpMethod.GET, "/", null).getBody()).isEqualTo("an old answer");
    }
    assertThat(sent).hasValue(1);
  }

  @Test
  void repeatsOnlyWhatDoesNoHarmTwice() {
    say("RETRIES", 2);
    status = 503;
    fails(client(null, null));
    assertThat(sent.getAndSet(0)).isEqualTo(3);
    fails(client(false, null));
    assertThat(sent.getAndSet(0)).isEqualTo(1);
    assertThatThrownBy(() -> client(null, null).call(HttpMethod.POST, "/", "{}"))
        .isInstanceOf(HttpServerErrorException.class);
    assertThat(sent.getAndSet(0)).isEqualTo(1);
    assertThatThrownBy(() -> client(true, null).call(HttpMethod.POST, "/", "{}"))
        .isInstanceOf(HttpServerErrorException.class);
    assertThat(sent).hasValue(3);
  }

  @Test
  void givesUpAfterItsTime() {
    say("TIMEOUT_MS", 50);
    isHanging = true;
    assertThatThrownBy(() -> client(null, null).call(HttpMethod.GET, "/", null))
        .isInstanceOf(ResourceAccessException.class);
  }

  @Test
  void namesWhatCannotBeUsed() {
    String url = environment.getProperty("OTHER_URL");
    for (var it :
        List.of(
            Map.entry("URL", ""),
            Map.entry("URL", "other:1"),
            Map.entry("TIMEOUT_MS", "0"),
            Map.entry("TIMEOUT_MS", "-1"),
            Map.entry("TIMEOUT_MS", "1s"),
            Map.entry("BULKHEAD", "0"),
            Map.entry("RETRIES", "-1"),
            Map.entry("BREAKER_FAILURE_RATE", "101"),
            Map.entry("BREAKER_FAILURE_RATE", "half"),
            Map.entry("BREAKER_OPEN_MS", "soon"))) {
      say(it.getKey(), it.getValue());
      assertThatThrownBy(() -> client(null, null))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("OTHER_" + it.getKey());
      say(it.getKey(), "");
      say("URL", url);
    }
    client(null, null);
  }

  @Test
  void refusesTwoBreakersOfOneName() {
    Calls.refuseTwins(List.of("a", "b"));
    assertThatThrownBy(() -> Calls.refuseTwins(List.of("a", "b", "a")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("\"a\"");
  }

  @Test
  void saysInOneLineWhatIsWrong() {
    var failure = new IllegalStateException(new SettingsException("A_URL is not set"));
    assertThat(new SettingsAnalyzer().analyze(failure).getDescription())
        .isEqualTo("A_URL is not set");
  }

  @Test
  void makesNoMoreCallsAtOnceThanAllowed() throws InterruptedException {
    say("BULKHEAD", 1);
    isHanging = true;
    Client client = client(null, null);
    var first =
        CompletableFuture.supplyAsync(() -> client.call(HttpMethod.GET, "/", null), threads);
    entered.await();
    assertThatThrownBy(() -> client.call(HttpMethod.GET, "/", null))
        .isInstanceOf(BulkheadFullException.class);
    leave.countDown();
    assertThat(first.join().getStatusCode().value()).isEqualTo(200);
  }

  /** Moved by the test alone. */
  private static final class TestClock extends Clock {
    private volatile Instant now = Instant.EPOCH;

    void pass(Duration duration) {
      now = now.plus(duration);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
