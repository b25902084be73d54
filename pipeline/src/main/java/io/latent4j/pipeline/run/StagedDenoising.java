package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.latent4j.core.cache.StepCache;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.pipeline.model.ModelPart;
import io.latent4j.pipeline.model.PreviewDecoder;
import io.latent4j.pipeline.model.WeightLease;
import io.latent4j.pipeline.request.StepCaching;
import io.latent4j.schedulers.Plan;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Makes the latents of one batch in all stages of its request: the base model's, then the refiner's or those of the larger
 * size.
 *
 * @param prompts one for each image
 * @param noise of these images
 * @param cancellation is checked before each evaluation of a network
 * @param listener is called on the thread that makes the latents
 * @param previews decodes for the listener; the model's own autoencoder if empty
 */
public record StagedDenoising(
        Stages stages,
        List<String> prompts,
        NoiseSource noise,
        Cancellation cancellation,
        DenoisingListener listener,
        Optional<PreviewDecoder> previews) {

    /**
     * What a stage came to.
     *
     * @param blend keeps latents to the request's image, where another model goes on
     */
    private record Reached(NDArray latents, Optional<InpaintBlend> blend) {}

    /** The latents that all stages lead to, which {@code manager} owns with all that was made on the way. */
    public NDArray latents(NDManager manager) {
        Run base = stages.base();
        Reached first = stage(manager, base, 0, plan -> Start.of(base, plan, prompts.size(), manager, noise));
        int done = Stages.steps(base);
        if (stages.refiner().isPresent()) {
            Function<Plan, Start> start = plan -> Start.from(first.latents(), first.blend());
            return stage(manager, stages.refiner().get(), done, start).latents();
        }
        if (stages.larger().isPresent()) {
            Run larger = stages.larger().get();
            Function<Plan, Start> start = plan -> Start.enlarged(larger, plan, first.latents(), noise);
            return stage(manager, larger, done, start).latents();
        }
        return first.latents();
    }

    /** @param before how many steps earlier stages took */
    @SuppressWarnings("try")
    private Reached stage(NDManager manager, Run run, int before, Function<Plan, Start> beginning) {
        try (NDScope scope = new NDScope()) {
            Plan plan = run.course().plan();
            cancellation.check();
            listener.onTexts();
            TextPlan texts = TextPlan.of(run, plan, prompts, manager);
            cancellation.check();
            Start start = beginning.apply(plan);
            NDScope.unregister(start.latents());
            List<ActiveControl> controls = run.controls().stream()
                    .map(control -> ActiveControl.of(control, run, manager))
                    .toList();
            cancellation.check();
            if (run.parts().offloads()) {
                listener.onLoading();
            }
            try (WeightLease unet = run.parts().use(ModelPart.DENOISER);
                    StepPass pass = new StepPass(run.adapters(), manager);
                    StepCache cache = cache(run.request().sampling().caching(), manager)) {
                StepNetworks networks = new StepNetworks(IntStream.range(0, plan.steps())
                        .mapToObj(step -> new StepNetwork(
                                run.parts(),
                                pass,
                                run.guidance(),
                                texts.steps().get(step),
                                cache,
                                start.channels(),
                                start.references(),
                                controls,
                                plan,
                                step))
                        .toList());
                BatchDenoising loop = new BatchDenoising(
                        run.course().scheduler(),
                        plan,
                        run.course().taken(plan),
                        noise,
                        cancellation,
                        (step, level, latents, preview) ->
                                listener.onStep(before + step, stages.steps(), level, latents, preview),
                        x0 -> previews.isPresent()
                                ? previews.get().images(x0)
                                : run.codec().images(x0));
                listener.onDenoising();
                NDArray latents = loop.run(start.latents(), networks, start.hold(), networks::done, manager);
                start.later().ifPresent(blend -> blend.attach(manager));
                return new Reached(latents, start.later());
            }
        }
    }

    /** An empty cache of what is to be reused in one stage. */
    private static StepCache cache(StepCaching caching, NDManager manager) {
        if (!caching.isOn()) {
            return StepCache.NONE;
        }
        StepCache cache = StepCache.below(manager);
        if (caching.deepCache().isPresent()) {
            StepCaching.Deep deep = caching.deepCache().get();
            cache = cache.withDeep(deep.interval(), deep.branch());
        }
        if (caching.tGate().isPresent()) {
            cache = cache.withGate(caching.tGate().getAsInt());
        }
        return caching.firstBlock().isPresent()
                ? cache.withFirstBlock(caching.firstBlock().getAsDouble())
                : cache;
    }
}
