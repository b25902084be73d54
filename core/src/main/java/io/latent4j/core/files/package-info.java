/** Files and folders that appear whole or not at all. */
package io.latent4j.core.files;
