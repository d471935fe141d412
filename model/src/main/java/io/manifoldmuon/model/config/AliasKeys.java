package io.manifoldmuon.model.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The second names of the keys of a section. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface AliasKeys {
  /** All of them. */
  AliasKey[] value();
}
