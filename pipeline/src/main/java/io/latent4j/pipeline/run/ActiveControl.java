package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.image.Images;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.request.ControlInput;
import io.latent4j.unet.ControlResiduals;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.util.OptionalInt;

/**
 * A control during a run.
 *
 * @param hint what the network made of the image, (1, C, h, w)
 */
public record ActiveControl(AttachedControl attached, NDArray hint) {

    /** Reads the control's image, at the size of the run. */
    public static ActiveControl of(AttachedControl attached, Run run, NDManager manager) {
        ControlInput control = attached.input();
        BufferedImage seen =
                run.region().map(region -> part(control.image(), region, run)).orElse(control.image());
        NDArray pixels = Images.toArray(manager, Images.resized(seen, run.width(), run.height()));
        return new ActiveControl(attached, attached.net().hint(pixels.add(1).div(2))); // [0, 1]
    }

    /** What of a control's image belongs to the part of the image that is worked on. */
    private static BufferedImage part(BufferedImage control, Rectangle region, Run run) {
        BufferedImage image = run.request().source().orElseThrow().image();
        if (control.getWidth() != image.getWidth() || control.getHeight() != image.getHeight()) {
            throw new IllegalArgumentException("the control image is " + control.getWidth() + "x" + control.getHeight()
                    + " and the image " + image.getWidth() + "x" + image.getHeight()
                    + "; expected one size for both, as a part of the image is worked on");
        }
        return control.getSubimage(region.x, region.y, region.width, region.height);
    }

    /**
     * What to add to the UNet.
     *
     * @param input latents for each image, twice under guidance, the negative side first
     * @param guided whether the batch has both sides
     * @param finest how many of the UNet's parts are computed, from the finest, where it is not the whole UNet
     */
    ControlResiduals residuals(NDArray input, double timestep, Conditioning text, boolean guided, OptionalInt finest) {
        ControlInput control = attached.input();
        boolean half = control.guess() && guided;
        ControlResiduals added = half
                ? forward(second(input), timestep, text.positive(), finest)
                : forward(input, timestep, text, finest);
        ControlResiduals scaled = (control.guess() ? added.rising() : added).scaled(control.scale());
        return half ? scaled.mapped(each -> each.zerosLike().concat(each)) : scaled;
    }

    private ControlResiduals forward(NDArray input, double timestep, Conditioning text, OptionalInt finest) {
        return attached.net().residuals(input, timestep, text, hint, finest);
    }

    private static NDArray second(NDArray both) {
        NDList halves = both.split(2);
        return halves.get(1);
    }
}
