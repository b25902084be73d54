/** Model settings read from {@code config.json} files, with the file and key named in every error. */
package io.latent4j.core.config;
