package io.latent4j.server.openai;

import java.util.Optional;

/**
 * An image that a request starts from, among those that were sent.
 *
 * @param image its digest
 * @param mask the digest of an image that is white where it is to be repainted; all of it if empty
 */
record EditedImage(String image, Optional<String> mask) {}
