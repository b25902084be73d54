package io.latent4j.server.openai;

import com.google.gson.JsonObject;
import io.latent4j.pipeline.request.ImageSize;
import io.latent4j.server.api.ImageEncoding;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a request asks for.
 *
 * @param model by the name that the request gives
 * @param prompt the text; may be empty
 * @param count how many images
 * @param size both sides, or none
 * @param quality how much work goes into an image
 * @param url whether the answer says where an image is, instead of having it
 * @param encoding the form of the images
 * @param partial how many unfinished images are told of each; empty if nothing is told before the end
 * @param user for whom the client asks, as it says itself
 * @param settings keys of the JSON form of jobs
 * @param warnings what has no effect
 */
record ImageRequest(
        Optional<String> model,
        String prompt,
        OptionalInt count,
        ImageSize size,
        Quality quality,
        boolean url,
        ImageEncoding encoding,
        OptionalInt partial,
        Optional<String> user,
        JsonObject settings,
        List<String> warnings) {

    ImageRequest {
        settings = settings.deepCopy();
        warnings = List.copyOf(warnings);
    }

    /** The same with other warnings. */
    ImageRequest with(List<String> warnings) {
        return new ImageRequest(model, prompt, count, size, quality, url, encoding, partial, user, settings, warnings);
    }
}
