package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Preconditioning;
import io.latent4j.schedulers.Prediction;
import io.latent4j.unet.ControlResiduals;
import java.util.List;
import java.util.Optional;

/**
 * A UNet as samplers see it: text, guidance, control, data type and what its output stands for are dealt with here.
 *
 * @param pass through the UNet in each step
 * @param text what the UNet is told of the texts
 * @param channels what the UNet is given beside the latents
 * @param plan tells which step a noise level belongs to
 */
record Network(
        Components parts,
        StepPass pass,
        Guidance guidance,
        Conditioning text,
        Optional<NDArray> channels,
        List<Steering> controls,
        Plan plan)
        implements Denoiser {

    @Override
    public Prediction predict(NDArray latents, NoiseLevel at) {
        Preconditioning network = parts.scheduler().preconditioning();
        NDArray x = network.input(latents, at);
        NDArray output;
        if (guidance.active()) {
            NDList both = output(x.concat(x), at).split(2);
            output = guidance.apply(both.get(0), both.get(1));
        } else {
            output = output(x, at);
        }
        return network.read(output, latents, at);
    }

    private NDArray output(NDArray x, NoiseLevel at) {
        NDArray input = Ops.cast(x, parts.dataType());
        Optional<ControlResiduals> control = controls.stream()
                .filter(c -> c.control().steers(step(at), plan.steps()))
                .map(c -> c.residuals(input, at.timestep(), text, guidance.active()))
                .reduce(ControlResiduals::plus);
        NDArray whole = channels.map(c -> Ops.cast(guidance.active() ? c.concat(c) : c, parts.dataType()))
                .map(more -> input.concat(more, 1))
                .orElse(input);
        Pass adapted = pass.at(step(at), plan.steps());
        NDArray output = parts.unet().forward(adapted, whole, at.timestep(), text.context(), text.added(), control);
        return Ops.cast(output, DataType.FLOAT32);
    }

    /** The step that a level belongs to, from 0: the last that begins with as much noise. */
    private int step(NoiseLevel at) {
        int step = 0;
        while (step + 1 < plan.steps() && plan.level(step + 1).timestep() >= at.timestep()) {
            step++;
        }
        return step;
    }
}
