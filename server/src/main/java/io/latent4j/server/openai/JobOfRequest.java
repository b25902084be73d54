package io.latent4j.server.openai;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Shown;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.JobSettings;
import io.latent4j.server.api.ServedModels;
import io.latent4j.server.api.SpecFiles;
import io.latent4j.server.api.Uploads;
import io.latent4j.service.job.JobSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Makes jobs of requests. */
final class JobOfRequest {
    private static final Pattern OPENAIS_OWN = Pattern.compile("(dall-e|gpt-image|chatgpt-image)(-.*)?");

    private final ServedModels models;
    private final Uploads uploads;

    JobOfRequest(ServedModels models, Uploads uploads) {
        this.models = models;
        this.uploads = uploads;
    }

    /**
     * A request's job.
     *
     * @param spec the job
     * @param request with what is to be said about it
     */
    record Made(JobSpec spec, ImageRequest request) {}

    /** @throws io.latent4j.server.api.ApiException if the request is wrong */
    Made of(ImageRequest request, Optional<EditedImage> edited) {
        List<String> warnings = new ArrayList<>(request.warnings());
        JsonObject json = request.settings().deepCopy();
        Optional<String> model = model(request, warnings);
        model.ifPresent(name -> json.addProperty("model", name));
        json.addProperty("prompt", request.prompt());
        request.count().ifPresent(count -> json.addProperty("count", count));
        request.size().width().ifPresent(width -> JobSettings.addUnlessThere(json, "width", width));
        request.size().height().ifPresent(height -> JobSettings.addUnlessThere(json, "height", height));
        boolean listed = json.has("steps") || json.has("timesteps") || json.has("sigmas");
        if (request.quality().isOther() && !listed) {
            int usual = models.facts(model.orElseGet(models::usual)).steps();
            json.addProperty("steps", request.quality().steps(usual));
        }
        edited.ifPresent(image -> JobSettings.addSource(json, image.image()));
        edited.flatMap(EditedImage::mask).ifPresent(mask -> JobSettings.addMask(json, mask));
        JobSpec spec = JobSpec.fromJson(SpecFiles.withPaths(json, uploads).toString());
        return new Made(spec, request.with(warnings));
    }

    private Optional<String> model(ImageRequest request, List<String> warnings) {
        Optional<String> openAis = request.model()
                .filter(name -> OPENAIS_OWN.matcher(name).matches())
                .filter(name -> !models.models().contains(name));
        if (openAis.isPresent() && models.chosen().isEmpty()) {
            throw new ApiException(
                    404,
                    "model_not_found",
                    "there is no model " + Shown.text(openAis.get()) + "; expected one of "
                            + String.join(", ", models.models())
                            + ", or that the operator chooses one that stands for OpenAI's names (--model)",
                    "model");
        }
        Optional<String> instead = openAis.flatMap(name -> models.chosen());
        instead.ifPresent(name ->
                warnings.add("the model is " + name + ", as " + request.model().get() + " is not here"));
        return instead.or(request::model);
    }
}
