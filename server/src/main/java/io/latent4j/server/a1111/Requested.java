package io.latent4j.server.a1111;

import com.google.gson.JsonObject;
import io.latent4j.service.job.JobSpec;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a body of txt2img or img2img asks for.
 *
 * @param spec the job
 * @param echo the body without its images, which the answer repeats
 * @param settings how it is answered
 * @param changed what the server's options are from now on; as they were if empty
 * @param task the client's name for the job
 * @param sendsImages whether the answer holds the images
 * @param warnings what has no effect
 */
record Requested(
        JobSpec spec,
        JsonObject echo,
        Settings settings,
        Optional<Settings> changed,
        Optional<String> task,
        boolean sendsImages,
        List<String> warnings) {

    Requested {
        Objects.requireNonNull(spec, "spec");
        Objects.requireNonNull(echo, "echo");
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(changed, "changed");
        Objects.requireNonNull(task, "task");
        warnings = List.copyOf(warnings);
    }
}
