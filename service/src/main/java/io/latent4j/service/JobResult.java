package io.latent4j.service;

import java.util.List;

/**
 * What came of a job, whose images its listener has received.
 *
 * @param model what the model is called
 * @param images how many were made
 * @param warnings what had no effect, or another one than expected
 */
public record JobResult(String model, int images, List<String> warnings) {

    public JobResult {
        warnings = List.copyOf(warnings);
    }
}
