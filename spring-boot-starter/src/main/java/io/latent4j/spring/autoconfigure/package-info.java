/** What Spring Boot configures by the keys {@code spring.ai.latent4j}. */
@NullMarked
package io.latent4j.spring.autoconfigure;

import org.jspecify.annotations.NullMarked;
