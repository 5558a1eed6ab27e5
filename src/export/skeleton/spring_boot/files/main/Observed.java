package app;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Gives a request its ids, and writes down what came of it. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class Observed extends OncePerRequestFilter {
  private static final Logger LOG = LoggerFactory.getLogger("app.request");

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    long started = System.nanoTime();
    Ids ids = Ids.of(request.getHeader(Ids.REQUEST_ID), request.getHeader(Ids.TRACE_PARENT));
    Ids.CURRENT.set(ids);
    MDC.put("trace.id", ids.trace());
    MDC.put("http.request.id", ids.request());
    response.setHeader(Ids.REQUEST_ID, ids.request());
    int status = HttpServletResponse.SC_INTERNAL_SERVER_ERROR;
    try {
      chain.doFilter(request, response);
      status = response.getStatus();
    } finally {
      LOG.atInfo()
          .addKeyValue("http.request.method", request.getMethod())
          .addKeyValue("url.path", request.getRequestURI())
          .addKeyValue("http.response.status_code", status)
          .addKeyValue("event.duration", System.nanoTime() - started)
          .log("request");
      MDC.remove("trace.id");
      MDC.remove("http.request.id");
      Ids.CURRENT.remove();
    }
  }
}
