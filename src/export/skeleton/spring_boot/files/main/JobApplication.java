package app;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The job. {@code Design} says what the design says of it. */
@SpringBootApplication
public class Application {
  public static void main(String[] arguments) {
    System.exit(SpringApplication.exit(SpringApplication.run(Application.class, arguments)));
  }
}
