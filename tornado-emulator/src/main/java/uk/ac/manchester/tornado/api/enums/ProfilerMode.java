package uk.ac.manchester.tornado.api.enums;

/** Where profiles go. */
public enum ProfilerMode {
  /** To the standard output. */
  CONSOLE,
  /** Nowhere: they are asked for. */
  SILENT
}
