package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.pipeline.model.LatentCodec;
import io.latent4j.pipeline.model.ModelPart;
import io.latent4j.pipeline.model.WeightLease;
import io.latent4j.schedulers.Plan;
import java.util.List;
import java.util.Optional;

/**
 * Where a batch sets out, and what keeps it to its image.
 *
 * @param latents at the plan's first level, (N, C, h, w)
 * @param channels what an inpainting UNet is given beside the latents: the mask and the latents of the image without
 *     what it covers, (N, 1 + C, h, w); empty for other UNets
 * @param hold puts back what is not repainted, where the UNet itself does not know of it
 * @param references latents of the images that the texts speak of
 * @param later does so for another model's UNet that goes on, and knows of no mask
 */
public record Start(
        NDArray latents,
        Optional<NDArray> channels,
        List<NDArray> references,
        LatentBlend hold,
        Optional<InpaintBlend> later) {

    /** Goes on from {@code latents}, of which it takes a copy. */
    public static Start from(NDArray latents, Optional<InpaintBlend> keeping) {
        return new Start(latents.duplicate(), Optional.empty(), List.of(), holdOf(keeping), Optional.empty());
    }

    /** Goes on from clean {@code latents}, made larger and noised for the plan's first level. */
    public static Start enlarged(Run run, Plan plan, NDArray latents, NoiseSource noise) {
        boolean encodes = run.parts().denoiser().inpaints()
                || !run.request().prompt().references().isEmpty();
        try (WeightLease vae = run.parts().use(ModelPart.VAE, encodes)) {
            NDArray x0 = Enlargement.enlarged(latents, run);
            NDArray start = plan.level(0).mix(x0, noise.like(x0));
            int images = Math.toIntExact(latents.getShape().get(0));
            Optional<NDArray> channels = run.parts().denoiser().inpaints()
                    ? Optional.of(channels(run, images, latents.getManager(), noise, x0))
                    : Optional.empty();
            return new Start(
                    start,
                    channels,
                    ReferenceImages.latents(run, latents.getManager()),
                    LatentBlend.NOTHING,
                    Optional.empty());
        }
    }

    /**
     * The start of {@code images} images. Noise is drawn in the order of the reference implementation: that of the image's
     * latents where they are needed, that of the start, and that of the masked image's latents for an inpainting UNet.
     */
    public static Start of(Run run, Plan plan, int images, NDManager manager, NoiseSource noise) {
        double beginning = run.course().range().start();
        if (run.canvas().isEmpty() && beginning > 0) {
            throw new IllegalArgumentException("the run is to start at " + beginning
                    + " of the way, but from nothing; expected an image, or a start of 0");
        }
        boolean tellsUnet = run.parts().denoiser().inpaints();
        boolean encodes = tellsUnet
                || run.canvas().isPresent()
                || !run.request().prompt().references().isEmpty();
        try (WeightLease vae = run.parts().use(ModelPart.VAE, encodes)) {
            NDArray like = manager.zeros(run.latentShape(images));
            Optional<Canvas> canvas = run.canvas();
            boolean anew = canvas.filter(c -> c.repainting().isPresent() && c.strength() == 1)
                    .isPresent();

            Optional<NDArray> image = canvas.filter(c -> !(anew && tellsUnet))
                    .map(c -> run.codec().encode(c.pixels(manager), noise.like(like)));
            NDArray eps = noise.like(like);
            NDArray latents = image.filter(x0 -> !anew)
                    .map(x0 -> plan.level(0).mix(x0, eps))
                    .orElseGet(() -> plan.initialLatents(eps));
            Optional<NDArray> channels =
                    tellsUnet ? Optional.of(channels(run, images, manager, noise, like)) : Optional.empty();
            Optional<InpaintBlend> keeping = canvas.filter(
                            c -> !tellsUnet || run.course().range().end() < 1)
                    .flatMap(c -> c.repainting()
                            .map(r -> new InpaintBlend(
                                    r.mask().array(manager, run.downscale()),
                                    image.orElseGet(() -> run.codec().encode(c.pixels(manager))),
                                    eps)));
            return new Start(
                    latents,
                    channels,
                    ReferenceImages.latents(run, manager),
                    tellsUnet ? LatentBlend.NOTHING : holdOf(keeping),
                    keeping);
        }
    }

    private static LatentBlend holdOf(Optional<InpaintBlend> keeping) {
        return keeping.isPresent() ? keeping.get() : LatentBlend.NOTHING;
    }

    /** Where there is no image or no mask, everything is to be painted. */
    private static NDArray channels(Run run, int images, NDManager manager, NoiseSource noise, NDArray like) {
        LatentCodec codec = run.codec();
        Shape one = new Shape(images, 1, like.getShape().get(2), like.getShape().get(3));
        return run.canvas()
                .flatMap(canvas -> canvas.repainting().map(r -> {
                    NDArray kept = r.mask().array(manager, 1).sub(1).neg();
                    NDArray rest = codec.encode(canvas.pixels(manager).mul(kept), noise.like(like));
                    return r.mask()
                            .array(manager, run.downscale())
                            .broadcast(one)
                            .concat(rest, 1);
                }))
                .orElseGet(() -> {
                    NDArray nothing = codec.encode(manager.zeros(new Shape(1, 3, run.height(), run.width())));
                    return manager.ones(one).concat(nothing.broadcast(like.getShape()), 1);
                });
    }
}
