/**
 * Replays a folder of reference numbers against the public API: {@link io.latent4j.conformance.Conformance} from the
 * command line, {@link io.latent4j.conformance.ReferenceFolder} from code.
 */
package io.latent4j.conformance;
