package io.manifoldmuon.model.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A section in which one key with a list of two numbers may stand for two keys. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface PairKey {
  /** The key that takes the list. */
  String key();

  /** The key that the first number is for. */
  String first();

  /** The key that the second number is for. */
  String second();
}
