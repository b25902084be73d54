package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import io.latent4j.core.cache.Evaluation;
import io.latent4j.core.cache.StepCache;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Perturbation;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.DenoiserInput;
import io.latent4j.pipeline.model.Model;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.process.NoiseProcess;
import io.latent4j.unet.ControlResiduals;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A UNet as samplers see it: text, guidance, control, data type and what its output stands for are dealt with here.
 *
 * @param passes through the UNet in each step
 * @param text what the UNet is told of the texts
 * @param cache what earlier evaluations left
 * @param channels what the UNet is given beside the latents
 * @param references latents of images that the texts speak of
 * @param step which of the plan's steps it is for, from 0
 */
public record StepNetwork(
        Model parts,
        Passes passes,
        ActiveGuidance guidance,
        Conditioning text,
        StepCache cache,
        Optional<NDArray> channels,
        List<NDArray> references,
        List<ActiveControl> controls,
        Plan plan,
        int step)
        implements Denoiser {

    @Override
    public Prediction predict(NDArray latents, NoiseLevel at) {
        NoiseProcess process = parts.scheduler().process();
        PredictionType type = parts.scheduler().predictionType();
        GuidanceBatch sides = cache.gated(step)
                ? GuidanceBatch.PROMPT
                : guidance.sides((double) (plan.skipped() + step) / (plan.skipped() + plan.steps()));
        NDArray output = output(process.input(latents, at), at, sides);
        NDList outputs = sides.count() == 1 ? new NDList(output) : output.split(sides.count());
        return guidance.prediction(sides, outputs, each -> process.read(type, each, latents, at), latents, at);
    }

    private NDArray output(NDArray x, NoiseLevel at, GuidanceBatch sides) {
        Conditioning told = guidance.active() && !sides.negative() ? text.positive() : text;
        NDArray attending = times(x, sides.attending());
        List<ActiveControl> steering = controls.stream()
                .filter(c -> c.attached().input().steers(step, plan.steps()))
                .toList();
        Pass pass = passes.at(step, plan.steps()).caching(cache);
        cache.begin(new Evaluation(step, at.ratio(), sides.count(), sides.negative(), conditions(pass, steering)));
        Optional<ControlResiduals> control = steering.stream()
                .map(c -> c.residuals(attending, at.timestep(), told, sides.negative(), cache.skips()))
                .reduce(ControlResiduals::plus);
        if (!sides.perturbed()) {
            return output(pass, attending, at, told, control, sides);
        }
        long images = x.getShape().get(0);
        Perturbation perturbation = new Perturbation(guidance.layers(), images * sides.attending());
        return output(
                pass.withPerturbation(perturbation),
                times(x, sides.count()),
                at,
                told.withLastTwice(images),
                control.map(c -> c.mapped(each -> Conditioning.lastTwice(each, images))),
                sides);
    }

    /** What the network works with, by objects that are the same for as long as it is. */
    private List<Object> conditions(Pass pass, List<ActiveControl> steering) {
        List<Object> all = new ArrayList<>(steering);
        all.add(text);
        all.addAll(pass.adapters());
        return all;
    }

    private NDArray output(
            Pass pass,
            NDArray input,
            NoiseLevel at,
            Conditioning told,
            Optional<ControlResiduals> control,
            GuidanceBatch sides) {
        DenoiserInput in = DenoiserInput.of(input, at.timestep(), told)
                .withChannels(channels.map(c -> times(c, sides.count())))
                .withControl(control)
                .withGuidanceScale(guidance.toldScale())
                .withReferences(references);
        return parts.denoiser().predict(pass, in);
    }

    private static NDArray times(NDArray x, int count) {
        return count == 1 ? x : NDArrays.concat(new NDList(Collections.nCopies(count, x)));
    }
}
