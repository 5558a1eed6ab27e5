package app;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.ExitCodeGenerator;
import org.springframework.stereotype.Component;

/** Runs once: put the real work in the place of the example. */
@Component
class Job implements CommandLineRunner, ExitCodeGenerator {
  private static final Logger LOG = LoggerFactory.getLogger(Job.class);

  private final Calls calls;
  private int exitCode;

  Job(Calls calls) {
    this.calls = calls;
  }

  @Override
  public void run(String... arguments) {
    Ids.CURRENT.set(Ids.of(null, null));
    var asked = calls.ask();
    exitCode = asked.hasFailed() ? 1 : 0;
    LOG.atInfo().addKeyValue("event.outcome", asked.answers()).log("done");
  }

  @Override
  public int getExitCode() {
    return exitCode;
  }
}
