package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Preconditioning;
import io.latent4j.schedulers.Prediction;
import java.util.Optional;

/**
 * A UNet as samplers see it: text, guidance, data type and what its output stands for are dealt with here.
 *
 * @param pass through the UNet
 * @param text what the UNet is told of the texts
 * @param channels what the UNet is given beside the latents
 */
record Network(Components parts, Pass pass, Guidance guidance, Conditioning text, Optional<NDArray> channels)
        implements Denoiser {

    @Override
    public Prediction predict(NDArray latents, NoiseLevel at) {
        Preconditioning network = parts.scheduler().preconditioning();
        NDArray x = network.input(latents, at);
        NDArray input = Ops.cast(channels.map(more -> x.concat(more, 1)).orElse(x), parts.dataType());
        NDArray output;
        if (guidance.active()) {
            NDList both = output(input.concat(input), at).split(2);
            output = guidance.apply(both.get(0), both.get(1));
        } else {
            output = output(input, at);
        }
        return network.read(output, latents, at);
    }

    private NDArray output(NDArray input, NoiseLevel at) {
        return Ops.cast(
                parts.unet().forward(pass, input, at.timestep(), text.context(), text.added()), DataType.FLOAT32);
    }
}
