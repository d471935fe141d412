package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.UserException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** A file or folder that cannot be written: it is in use, not writable, or the disk is full. */
public final class OutputException extends UserException {
  private static final long serialVersionUID = 1L;

  public OutputException(String message) {
    super(message);
  }

  private OutputException(String message, IOException cause) {
    super(message, cause);
  }

  /** The exception for a failure to write {@code path}: {@code write path: reason}. */
  public static OutputException of(Path path, IOException failure) {
    return new OutputException("write " + path + ": " + reason(failure), failure);
  }

  private static String reason(IOException failure) {
    return switch (failure) {
      case NoSuchFileException _ -> "its folder does not exist; make it or choose another place";
      case AccessDeniedException _ -> "permission denied; choose a folder that you may write to";
      case NotDirectoryException _ -> "a part of the path is not a folder; choose another place";
      case FileAlreadyExistsException _ -> "a file of that name is in the way; choose another name";
      case FileSystemException e when e.getReason() != null ->
          e.getReason() + "; make room or choose another place";
      default ->
          failure.getMessage() == null
              ? failure.getClass().getSimpleName()
              : failure.getMessage() + "; make room or choose another place";
    };
  }
}
