package app;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpResponse;

/**
 * The ids that go with a request from service to service.
 *
 * @param request the request's
 * @param trace the trace's
 * @param parent the whole {@code traceparent}
 */
record Ids(String request, String trace, String parent) {
  static final String REQUEST_ID = "X-Request-ID";
  static final String TRACE_PARENT = "traceparent";

  /** Those of the request that this thread answers; null where it answers none. */
  static final ThreadLocal<Ids> CURRENT = new ThreadLocal<>();

  private static final Pattern USABLE = Pattern.compile("[A-Za-z0-9._-]{8,128}");
  private static final Pattern PARENT =
      Pattern.compile("00-((?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");
  private static final SecureRandom RANDOM = new SecureRandom();

  /** The ids a caller sent; what is missing or odd is made up. */
  static Ids of(String request, String parent) {
    String id = request != null && USABLE.matcher(request).matches() ? request : random(16);
    var found = PARENT.matcher(parent == null ? "" : parent);
    if (found.matches()) {
      return new Ids(id, found.group(1), parent);
    }
    String trace = random(16);
    return new Ids(id, trace, "00-" + trace + "-" + random(8) + "-00");
  }

  /** Sends the ids along. */
  static ClientHttpResponse passOn(
      HttpRequest request, byte[] body, ClientHttpRequestExecution execution) throws IOException {
    Ids ids = CURRENT.get();
    if (ids != null) {
      request.getHeaders().set(REQUEST_ID, ids.request());
      request.getHeaders().set(TRACE_PARENT, ids.parent());
    }
    return execution.execute(request, body);
  }

  private static String random(int count) {
    byte[] bytes = new byte[count];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
