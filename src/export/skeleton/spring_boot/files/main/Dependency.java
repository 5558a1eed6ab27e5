package app;

import org.springframework.http.HttpMethod;

/**
 * A service that this one calls over HTTP.
 *
 * @param name its id
 * @param prefix what the names of its variables start with
 * @param address the variable that holds its URL
 * @param method what the examples ask it with
 * @param path what the examples ask it for
 * @param idempotent whether doing it twice is the same as once; null: by the method
 * @param isHard whether an example fails without it
 * @param fallback the answer to fall back on, in words; null: there is none
 */
record Dependency(
    String name,
    String prefix,
    String address,
    HttpMethod method,
    String path,
    Boolean idempotent,
    boolean isHard,
    String fallback) {

  boolean mayRepeat(HttpMethod method) {
    if (idempotent != null) {
      return idempotent;
    }
    return method != HttpMethod.POST && method != HttpMethod.PATCH;
  }
}
