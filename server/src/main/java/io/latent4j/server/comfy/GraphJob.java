package io.latent4j.server.comfy;

import io.latent4j.service.job.JobSpec;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The job that a graph is.
 *
 * @param spec without the image that it starts from
 * @param start the image that it starts from
 * @param stages which node does what
 * @param outputs the nodes that keep the images
 */
record GraphJob(JobSpec spec, Optional<Start> start, Stages stages, List<Output> outputs) {

    /**
     * An image to start from.
     *
     * @param strength how much may change
     */
    record Start(Value.Encoded latents, double strength) {}

    /** The ids of the nodes that load the model, encode the text, sample and decode. */
    record Stages(String loader, String text, String sampler, String decoder) {}

    /**
     * A node that keeps images.
     *
     * @param type {@code output} or {@code temp}
     * @param prefix with which the files' names begin
     */
    record Output(String node, String type, String prefix) {}

    GraphJob {
        Objects.requireNonNull(spec, "spec");
        Objects.requireNonNull(start, "start");
        Objects.requireNonNull(stages, "stages");
        outputs = List.copyOf(outputs);
    }
}
