package io.latent4j.service.job;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.Batch;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.pipeline.request.Expansion;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.pipeline.request.MicroConditioning;
import io.latent4j.pipeline.request.Prompt;
import io.latent4j.pipeline.request.Sampling;
import io.latent4j.pipeline.request.Sizes;
import io.latent4j.pipeline.request.Upscale;
import io.latent4j.schedulers.Steps;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes the JSON form of jobs: the counterpart of {@link JobReader}. */
final class JobWriter {
    private JobWriter() {}

    static JsonObject json(JobSpec job) {
        JsonObject json = new JsonObject();
        job.model().ifPresent(model -> json.addProperty("model", model));
        GenerationRequest request = job.request();
        prompt(json, request.prompt());
        sampling(json, request.sampling());
        json.add("guidance", guidance(request.guidance()));
        request.size().width().ifPresent(width -> json.addProperty("width", width));
        request.size().height().ifPresent(height -> json.addProperty("height", height));
        batch(json, request.batch());
        job.source().ifPresent(source -> json.add("source", source(source)));
        json.add(
                "adapters",
                list(request.adapters().stream().map(JobWriter::adapter).toList()));
        json.add(
                "controls", list(job.controls().stream().map(JobWriter::control).toList()));
        if (!job.references().isEmpty()) {
            JsonArray references = new JsonArray();
            job.references().forEach(file -> references.add(file.toString()));
            json.add("references", references);
        }
        request.micro().ifPresent(micro -> json.add("micro", micro(micro)));
        request.upscale().ifPresent(upscale -> json.add("upscale", upscale(upscale)));
        JsonObject tiling = new JsonObject();
        tiling.add("above", unsigned(request.tiling().above()));
        tiling.addProperty("side", request.tiling().side());
        json.add("tiling", tiling);
        job.refiner().ifPresent(refiner -> {
            JsonObject second = new JsonObject();
            second.addProperty("model", refiner.model());
            second.addProperty("from", refiner.from());
            json.add("refiner", second);
        });
        json.add(
                "embeddings",
                list(job.embeddings().stream().map(JobWriter::embedding).toList()));
        JsonObject settings = new JsonObject();
        job.schedulerSettings().forEach(settings::addProperty);
        json.add("scheduler_settings", settings);
        job.preview().ifPresent(preview -> json.addProperty("preview", preview));
        return json;
    }

    private static void prompt(JsonObject json, Prompt prompt) {
        json.addProperty("prompt", prompt.text());
        json.addProperty("negative_prompt", prompt.negative());
        json.addProperty("prompt_syntax", lowerCase(prompt.syntax()));
        json.addProperty("clip_skip", prompt.clipSkip());
        prompt.maxTokens().ifPresent(most -> json.addProperty("max_tokens", most));
    }

    private static void sampling(JsonObject json, Sampling sampling) {
        sampling.scheduler().ifPresent(name -> json.addProperty("scheduler", name));
        sampling.steps().ifPresent(steps -> {
            if (steps instanceof Steps.Timesteps listed) {
                json.add("timesteps", numbers(listed.timesteps()));
            } else if (steps instanceof Steps.Sigmas listed) {
                json.add("sigmas", numbers(listed.sigmas()));
            } else {
                json.addProperty("steps", steps.count());
            }
        });
        sampling.eta().ifPresent(eta -> json.addProperty("eta", eta));
        json.add("range", range(sampling.range()));
        if (sampling.caching().isOn()) {
            json.addProperty("cache", sampling.caching().text());
        }
    }

    private static JsonObject guidance(Guidance guidance) {
        JsonObject json = new JsonObject();
        guidance.scale().ifPresent(scale -> json.addProperty("scale", scale));
        if (guidance.trueScale() != 1) {
            json.addProperty("true_scale", guidance.trueScale());
        }
        guidance.limit().ifPresent(limit -> json.addProperty("limit", limit));
        json.addProperty("rescale", guidance.rescale());
        json.addProperty("start", guidance.start());
        json.addProperty("end", guidance.end());
        guidance.thresholding().ifPresent(quantile -> json.addProperty("thresholding", quantile));
        json.addProperty("plus_plus", guidance.plusPlus());
        JsonObject perturbed = new JsonObject();
        perturbed.addProperty("scale", guidance.perturbed().scale());
        JsonArray layers = new JsonArray();
        guidance.perturbed().layers().forEach(layers::add);
        perturbed.add("layers", layers);
        json.add("perturbed", perturbed);
        return json;
    }

    private static void batch(JsonObject json, Batch batch) {
        batch.seed().ifPresent(seed -> json.add("seed", unsigned(seed)));
        batch.variation().ifPresent(variation -> {
            JsonObject way = new JsonObject();
            way.add("seed", unsigned(variation.seed()));
            way.addProperty("strength", variation.strength());
            json.add("variation", way);
        });
        json.addProperty("count", batch.count());
        json.addProperty("batch_size", batch.batchSize());
    }

    private static JsonObject source(SourceFiles source) {
        JsonObject json = new JsonObject();
        json.addProperty("image", source.image().toString());
        source.strength().ifPresent(strength -> json.addProperty("strength", strength));
        source.mask().ifPresent(mask -> {
            JsonObject masked = new JsonObject();
            masked.addProperty("image", mask.image().toString());
            masked.addProperty("blur", mask.blur());
            mask.padding().ifPresent(padding -> masked.addProperty("padding", padding));
            json.add("mask", masked);
        });
        source.expansion().ifPresent(expansion -> json.add("expansion", expansion(expansion)));
        return json;
    }

    private static JsonObject expansion(Expansion expansion) {
        JsonObject json = new JsonObject();
        json.addProperty("left", expansion.left());
        json.addProperty("top", expansion.top());
        json.addProperty("right", expansion.right());
        json.addProperty("bottom", expansion.bottom());
        return json;
    }

    private static JsonObject adapter(AdapterUse use) {
        JsonObject json = new JsonObject();
        json.addProperty("name", use.name());
        json.addProperty("strength", use.denoiserStrength());
        json.addProperty("text_strength", use.textStrength());
        json.add("blocks", object(use.blocks()));
        json.add(
                "schedule",
                object(use.schedule().points().entrySet().stream()
                        .collect(Collectors.toMap(point -> point.getKey().toString(), Map.Entry::getValue))));
        return json;
    }

    private static JsonObject control(ControlFile control) {
        JsonObject json = new JsonObject();
        json.addProperty("name", control.name());
        json.addProperty("image", control.image().toString());
        json.addProperty("scale", control.scale());
        json.add("range", range(control.range()));
        json.addProperty("guess", control.guess());
        return json;
    }

    private static JsonObject micro(MicroConditioning micro) {
        JsonObject json = new JsonObject();
        json.add("sizes", sizes(micro.sizes()));
        json.add("negative_sizes", sizes(micro.negativeSizes()));
        json.addProperty("aesthetic_score", micro.aestheticScore());
        json.addProperty("negative_aesthetic_score", micro.negativeAestheticScore());
        return json;
    }

    private static JsonObject sizes(Sizes sizes) {
        JsonObject json = new JsonObject();
        json.addProperty("original_width", sizes.originalWidth());
        json.addProperty("original_height", sizes.originalHeight());
        json.addProperty("crop_left", sizes.cropLeft());
        json.addProperty("crop_top", sizes.cropTop());
        json.addProperty("target_width", sizes.targetWidth());
        json.addProperty("target_height", sizes.targetHeight());
        return json;
    }

    private static JsonObject upscale(Upscale upscale) {
        JsonObject json = new JsonObject();
        json.addProperty("factor", upscale.factor());
        json.addProperty("strength", upscale.strength());
        upscale.steps().ifPresent(steps -> json.addProperty("steps", steps));
        json.addProperty("by", lowerCase(upscale.by()));
        return json;
    }

    private static JsonObject embedding(EmbeddingFile embedding) {
        JsonObject json = new JsonObject();
        json.addProperty("file", embedding.file().toString());
        embedding.word().ifPresent(word -> json.addProperty("word", word));
        return json;
    }

    private static JsonArray range(DenoisingRange range) {
        return numbers(List.of(range.start(), range.end()));
    }

    private static JsonArray numbers(List<Double> numbers) {
        JsonArray json = new JsonArray();
        numbers.forEach(json::add);
        return json;
    }

    private static JsonObject object(Map<String, Double> numbers) {
        JsonObject json = new JsonObject();
        numbers.forEach(json::addProperty);
        return json;
    }

    private static JsonArray list(List<JsonObject> objects) {
        JsonArray json = new JsonArray();
        objects.forEach(json::add);
        return json;
    }

    private static JsonPrimitive unsigned(long number) {
        return new JsonPrimitive(new BigInteger(Long.toUnsignedString(number)));
    }

    private static String lowerCase(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
