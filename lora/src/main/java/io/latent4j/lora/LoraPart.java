package io.latent4j.lora;

/** A part of a model that adapters change. */
public enum LoraPart {
    UNET("UNet"),
    TEXT_ENCODER("text encoder"),
    TEXT_ENCODER_2("second text encoder"),
    TEXT_ENCODER_3("third text encoder");

    private final String title;

    LoraPart(String title) {
        this.title = title;
    }

    /** What to call it in a sentence. */
    public String title() {
        return title;
    }
}
