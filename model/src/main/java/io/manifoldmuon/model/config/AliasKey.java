package io.manifoldmuon.model.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A second name of a key of a section, which can be read but is never written. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Repeatable(AliasKeys.class)
@interface AliasKey {
  /** The second name. */
  String key();

  /** The key that it stands for. */
  String of();
}
