/** Images of latent4j for Spring AI. Where Spring AI takes or returns null, so do these classes, and say so. */
@NullMarked
package io.latent4j.spring;

import org.jspecify.annotations.NullMarked;
