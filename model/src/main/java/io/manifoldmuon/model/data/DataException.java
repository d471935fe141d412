package io.manifoldmuon.model.data;

import io.manifoldmuon.linalg.UserException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Data that is missing, unreadable, malformed or too short for what was asked of it. */
public final class DataException extends UserException {
  private static final long serialVersionUID = 1L;

  public DataException(String message) {
    super(message);
  }

  public DataException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The exception for an input or output failure: {@code doing place: reason}. */
  static DataException of(String doing, Object place, IOException failure) {
    return new DataException(doing + " " + place + ": " + reason(failure), failure);
  }

  private static String reason(IOException failure) {
    return switch (failure) {
      case NoSuchFileException _ -> "no such file or folder; check the path";
      case AccessDeniedException _ -> "permission denied; check the rights of the file and folder";
      case NotDirectoryException _ -> "not a folder; check the path";
      case FileAlreadyExistsException _ -> "a file of that name is in the way; choose another name";
      case FileSystemException e when e.getReason() != null -> e.getReason();
      default ->
          failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    };
  }
}
