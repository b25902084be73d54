package io.latent4j.server.a1111;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.server.api.ApiException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ControlUnitsTest {
    private final List<String> warnings = new ArrayList<>();

    private List<ControlUnits.Unit> units(String args) {
        LenientFields fields = new LenientFields(
                JsonParser.parseString("{\"alwayson_scripts\": {\"ControlNet\": {\"args\": [" + args + "]}}}")
                        .getAsJsonObject());
        List<ControlUnits.Unit> units = ControlUnits.of(fields, warnings);
        fields.check();
        return units;
    }

    @Test
    void readsEveryField() {
        List<ControlUnits.Unit> units = units("""
            {"enabled": true, "module": "none", "model": "canny [d14c016b]", "image": "abc", "weight": 0.8,
             "guidance_start": 0.1, "guidance_end": 0.9, "control_mode": "ControlNet is more important",
             "pixel_perfect": true, "lowvram": false, "processor_res": 512, "threshold_a": 64, "threshold_b": 64,
             "resize_mode": "Crop and Resize"}
            """);
        assertThat(units)
                .containsExactly(
                        new ControlUnits.Unit("canny", "abc", 0.8, new DenoisingRange(0.1, 0.9), /* guess= */ true));
        assertThat(warnings).isEmpty();
    }

    @Test
    void takesImagesInEachPlace() {
        assertThat(units("{\"model\": \"m\", \"input_image\": \"abc\"},"
                        + " {\"model\": \"m\", \"image\": {\"image\": \"def\", \"mask\": \"ghi\"}},"
                        + " {\"enabled\": false}, null, true"))
                .extracting(ControlUnits.Unit::image)
                .containsExactly("abc", "def");
    }

    @Test
    void saysWhatItCannotDo() {
        assertThat(units("{\"model\": \"m\", \"image\": \"a\", \"control_mode\": 1, \"advanced_weighting\": []}")
                        .get(0)
                        .guess())
                .isFalse();
        assertThat(warnings)
                .anyMatch(warning -> warning.contains("control_mode"))
                .anyMatch(warning -> warning.contains("advanced_weighting"));
        assertThatThrownBy(() -> units("{\"model\": \"m\", \"image\": \"a\", \"module\": \"canny\"}"))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("\"canny\"; expected none");
        assertThatThrownBy(() -> units("{\"model\": \"None\", \"image\": \"a\"}"))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("no model");
        assertThatThrownBy(() -> units("{\"model\": \"m\"}")).hasMessageContaining("no image");
        assertThatThrownBy(() -> units("{\"model\": \"m\", \"image\": \"a\", \"weight\": \"strong\"}"))
                .isInstanceOf(WrongFieldsException.class)
                .hasMessageContaining("weight");
        for (String range : List.of(
                "\"guidance_start\": 1, \"guidance_end\": 0.5",
                "\"guidance_start\": 0.5, \"guidance_end\": 0.5",
                "\"guidance_start\": -0.1",
                "\"guidance_end\": 1.1")) {
            assertThatThrownBy(() -> units("{\"model\": \"m\", \"image\": \"a\", " + range + "}"))
                    .isInstanceOf(ApiException.class)
                    .hasMessageContaining("guidance_start of a ControlNet unit is");
        }
        for (String weight : List.of("-0.5", "10.5")) {
            assertThatThrownBy(() -> units("{\"model\": \"m\", \"image\": \"a\", \"weight\": " + weight + "}"))
                    .isInstanceOf(ApiException.class)
                    .hasMessage("the weight of a ControlNet unit is " + weight + "; expected 0 to 10");
        }
        for (String mode : List.of("\"Strong\"", "3", "-1")) {
            assertThatThrownBy(() -> units("{\"model\": \"m\", \"image\": \"a\", \"control_mode\": " + mode + "}"))
                    .isInstanceOf(ApiException.class)
                    .hasMessageContaining(
                            "the control_mode of a ControlNet unit is \"" + mode.replace("\"", "") + "\"");
        }
    }

    @Test
    void takesModesByNameAndNumber() {
        for (String mode : List.of("2", "2.0", "\"2\"", "\" controlnet is More important\"")) {
            assertThat(units("{\"model\": \"m\", \"image\": \"a\", \"control_mode\": " + mode + "}"))
                    .as(mode)
                    .allMatch(ControlUnits.Unit::guess);
        }
        for (String mode : List.of("0", "1", "\"Balanced\"", "null")) {
            assertThat(units("{\"model\": \"m\", \"image\": \"a\", \"control_mode\": " + mode + "}"))
                    .as(mode)
                    .noneMatch(ControlUnits.Unit::guess);
        }
        assertThat(warnings).hasSize(1); // of 1, which is not here
    }
}
