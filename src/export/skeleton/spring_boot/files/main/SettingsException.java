package app;

/** A variable says something that cannot be used, or says nothing and is needed. */
class SettingsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SettingsException(String message) {
    super(message);
  }
}
