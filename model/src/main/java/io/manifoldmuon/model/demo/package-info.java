/** Small networks that show what the library does; not part of the language model. */
package io.manifoldmuon.model.demo;
