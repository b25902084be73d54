/**
 * What a caller asks for: {@link io.latent4j.pipeline.request.GenerationRequest} and the values it consists of. Values only,
 * checked in their constructors; nothing here holds weights or other resources.
 */
package io.latent4j.pipeline.request;
