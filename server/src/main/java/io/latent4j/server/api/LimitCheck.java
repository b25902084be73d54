package io.latent4j.server.api;

import io.latent4j.core.config.Counted;
import io.latent4j.core.image.ImageDecoder;
import io.latent4j.pipeline.request.Expansion;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.ImageSize;
import io.latent4j.pipeline.request.Prompt;
import io.latent4j.pipeline.request.Upscale;
import io.latent4j.schedulers.Steps;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.job.SourceFiles;
import java.awt.Dimension;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Whether a job asks for no more than one may. */
final class LimitCheck {
    private static final int LONGEST_SIDES = 4; // times the side of the largest square
    private static final int IMAGES_AT_A_TIME = 4; // times the pixels of the largest image
    private static final int MOST_ADAPTERS = 50;
    private static final int MOST_CONTROLS = 10;

    private final Limits limits;
    private final ServedModels models;

    LimitCheck(Limits limits, ServedModels models) {
        this.limits = limits;
        this.models = models;
    }

    /** @throws ApiException if it asks for more */
    void check(JobSpec spec) {
        GenerationRequest request = spec.request();
        int letters = Math.max(
                request.prompt().text().length(), request.prompt().negative().length());
        mostOf("prompt", letters, limits.promptLetters(), "letters");
        most("count", request.batch().count(), limits.images());
        most("batch_size", request.batch().batchSize(), limits.images());
        mostOf("adapters", request.adapters().size(), MOST_ADAPTERS, "entries");
        mostOf("references", spec.references().size(), Prompt.MOST_REFERENCES, "entries");
        mostOf("controls", spec.controls().size(), MOST_CONTROLS, "entries");
        request.sampling().steps().ifPresent(steps -> most("steps", steps.count(), limits.steps()));
        request.upscale()
                .flatMap(upscale -> boxed(upscale.steps()))
                .ifPresent(steps -> most("upscale.steps", steps, limits.steps()));
        spec.source().filter(source -> source.expansion().isPresent()).ifPresent(this::checkExpanded);
        checkPixels(spec);
        checkWork(spec);
    }

    private static Optional<Integer> boxed(OptionalInt number) {
        return number.isPresent() ? Optional.of(number.getAsInt()) : Optional.empty();
    }

    private static void most(String field, int asked, int most) {
        if (asked > most) {
            throw ApiException.invalid(field, field + " is " + asked + "; expected at most " + most);
        }
    }

    private static void mostOf(String field, int asked, int most, String parts) {
        if (asked > most) {
            throw ApiException.invalid(field, field + " has " + asked + " " + parts + "; expected at most " + most);
        }
    }

    private void checkExpanded(SourceFiles source) {
        Dimension size = size(source);
        if ((long) size.width * size.height > limits.imagePixels()) {
            throw ApiException.invalid(
                    "source.expansion",
                    "the expanded image would have " + size.width + "x" + size.height + " pixels; expected at most "
                            + limits.imagePixels() + " in all");
        }
    }

    private void checkPixels(JobSpec spec) {
        GenerationRequest request = spec.request();
        ImageSize size = request.size();
        double factor = request.upscale().map(Upscale::factor).orElse(1.0);
        int together = Math.min(request.batch().batchSize(), request.batch().count());
        boolean own = size.equals(ImageSize.DEFAULT)
                && spec.source().isEmpty()
                && spec.controls().isEmpty()
                && spec.references().isEmpty()
                && factor <= 1
                && together == 1;
        if (own) {
            return; // what the operator's model makes by itself
        }
        size = known(size, spec);
        double width = factor * size.width().orElseThrow();
        double height = factor * size.height().orElseThrow();
        long side = (long) Math.sqrt((double) limits.pixels());
        if (width * height > limits.pixels() || Math.max(width, height) > LONGEST_SIDES * side) {
            throw ApiException.invalid(
                    "width",
                    "the image would have " + (long) width + "x" + (long) height + " pixels; expected at most "
                            + limits.pixels() + " in all, " + side + "x" + side + " for instance");
        }
        if (together * width * height > (double) IMAGES_AT_A_TIME * limits.pixels()) {
            throw ApiException.invalid(
                    "batch_size",
                    "batch_size is " + together + ", of " + (long) width + "x" + (long) height
                            + " pixels each; expected at most " + IMAGES_AT_A_TIME * limits.pixels()
                            + " pixels in all: the rest of the images can be made after these");
        }
    }

    /** A bound of the whole job, as the largest of each other bound together would take days. */
    private void checkWork(JobSpec spec) {
        GenerationRequest request = spec.request();
        ImageSize size = request.size();
        double factor = request.upscale().map(Upscale::factor).orElse(1.0);
        double most = size.width().isPresent() && size.height().isPresent()
                ? pixels(size)
                : limits.pixels() / (factor * factor);
        Optional<Integer> asked = request.sampling().steps().map(Steps::count);
        if (work(spec, most, asked.orElse(limits.steps())) <= limits.work()) {
            return; // whatever it leaves open, which takes time to find out
        }
        ImageSize known = known(size, spec);
        int steps = asked.orElseGet(() -> facts(spec).steps());
        double work = work(spec, pixels(known), steps);
        if (work > limits.work()) {
            int count = request.batch().count();
            throw ApiException.invalid(
                    count > 1 ? "count" : "steps",
                    Counted.of(count, "image") + " of " + known.width().orElseThrow() + "x"
                            + known.height().orElseThrow() + " pixels in " + Counted.of(steps, "step")
                            + (factor > 1 ? ", and then " + factor + " times as large," : "")
                            + " would take " + (long) work + " steps of pixels; expected at most " + limits.work()
                            + ": fewer images, fewer steps or smaller images");
        }
    }

    private static double pixels(ImageSize size) {
        return (double) size.width().orElseThrow() * size.height().orElseThrow();
    }

    /** The steps of all images times their pixels. */
    private static double work(JobSpec spec, double pixels, int steps) {
        double first = steps
                * spec.source()
                        .map(SourceFiles::strength)
                        .flatMap(LimitCheck::boxed)
                        .orElse(1.0);
        double second = spec.request()
                .upscale()
                .map(up -> up.steps().orElse(steps) * up.strength() * up.factor() * up.factor())
                .orElse(0.0);
        return spec.request().batch().count() * pixels * (first + second);
    }

    private static Optional<Double> boxed(OptionalDouble number) {
        return number.isPresent() ? Optional.of(number.getAsDouble()) : Optional.empty();
    }

    /** A size with the sides that the request leaves open. */
    private ImageSize known(ImageSize size, JobSpec spec) {
        if (size.width().isPresent() && size.height().isPresent()) {
            return size;
        }
        Dimension open = open(spec);
        return new ImageSize(
                OptionalInt.of(size.width().orElse(Math.min(open.width, ImageSize.MOST_PIXELS))),
                OptionalInt.of(size.height().orElse(Math.min(open.height, ImageSize.MOST_PIXELS))));
    }

    /** What a side is that the request leaves open. */
    private Dimension open(JobSpec spec) {
        if (spec.source().isPresent()) {
            return size(spec.source().get());
        }
        if (!spec.controls().isEmpty()) {
            return size(spec.controls().get(0).image());
        }
        if (!spec.references().isEmpty()) {
            return reduced(size(spec.references().get(0)));
        }
        ModelFacts own = facts(spec);
        return new Dimension(/* width= */ own.width(), /* height= */ own.height());
    }

    private ModelFacts facts(JobSpec spec) {
        return models.facts(spec.model().orElse(models.usual()));
    }

    /** The image to start from, with what it grows by. */
    private static Dimension size(SourceFiles source) {
        Dimension size = size(source.image());
        source.expansion().ifPresent(by -> grow(size, by));
        return size;
    }

    /** A reference image is made smaller where it has more pixels than a model takes. */
    private static Dimension reduced(Dimension size) {
        double factor = Math.sqrt(Prompt.MOST_REFERENCE_PIXELS / ((double) size.width * size.height));
        return factor >= 1
                ? size
                : new Dimension(/* width= */ (int) (factor * size.width), /* height= */ (int) (factor * size.height));
    }

    private static void grow(Dimension size, Expansion by) {
        size.setSize(
                /* width= */ size.width + by.left() + by.right(), /* height= */ size.height + by.top() + by.bottom());
    }

    private static Dimension size(Path image) {
        try {
            return ImageDecoder.size(image);
        } catch (IOException e) {
            throw ApiException.invalid(
                    "source", "an image to start from cannot be read; expected one that is sent again");
        }
    }
}
