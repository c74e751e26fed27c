"""Classifies pictures with an ONNX file of `horesnet export`, resized and cropped as in training.

usage: classify.py MODEL.onnx PICTURE...
"""

import json
import sys

import numpy
import onnxruntime
from PIL import Image, ImageOps


def fit(picture, height, width, crop_pct):
    """Resizes the shorter side, and crops the centre."""
    if picture.size == (width, height):
        return picture
    high, wide = int(height / crop_pct), int(width / crop_pct)
    scale = max(high / picture.height, wide / picture.width)
    whole = int if height == width else round  # as torchvision and timm do
    size = max(whole(picture.width * scale), width), max(whole(picture.height * scale), height)
    resized = picture.resize(size, Image.Resampling.BICUBIC)
    left, top = round((resized.width - width) / 2), round((resized.height - height) / 2)
    return resized.crop((left, top, left + width, top + height))


def main(model, *paths):
    session = onnxruntime.InferenceSession(model)
    info = session.get_modelmeta().custom_metadata_map
    channels, height, width = json.loads(info["input_size"])
    names, crop_pct = json.loads(info["label_names"]), json.loads(info["crop_pct"])
    for path in paths:
        picture = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
        picture = fit(picture.convert("RGB" if channels == 3 else "L"), height, width, crop_pct)
        pixels = numpy.asarray(picture, numpy.float32).reshape(height, width, channels) / 255
        (logits,) = session.run(["logits"], {"image": pixels.transpose(2, 0, 1)[None]})
        print(f"{path}: {names[logits[0].argmax()]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
