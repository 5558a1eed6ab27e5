package app;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says in one line of the log what is wrong with a variable, where Spring would show a stack. */
class SettingsAnalyzer extends AbstractFailureAnalyzer<SettingsException> {
  @Override
  protected FailureAnalysis analyze(Throwable failure, SettingsException cause) {
    return new FailureAnalysis(cause.getMessage(), "Set the variable, and start again.", cause);
  }
}
