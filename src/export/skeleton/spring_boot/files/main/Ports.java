package app;

import org.apache.catalina.connector.Connector;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** Listens where its health is asked for too, if that is another port. */
@Component
class Ports implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
  @Override
  public void customize(TomcatServletWebServerFactory factory) {
    for (int port : Design.MORE_PORTS) {
      var connector = new Connector(TomcatServletWebServerFactory.DEFAULT_PROTOCOL);
      connector.setPort(port);
      if (factory.getAddress() != null) {
        connector.setProperty("address", factory.getAddress().getHostAddress());
      }
      factory.addAdditionalTomcatConnectors(connector);
    }
  }
}
