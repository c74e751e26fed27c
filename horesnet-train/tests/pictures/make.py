"""Writes the pictures of this folder, with Pillow 13.0: two halves of one colour each, 16 pixels wide, in many formats.

Run it in this folder.
"""

from PIL import Image

ORANGE, BLUE = (230, 120, 40), (30, 60, 200)


def halves(mode, left, right):
    image = Image.new(mode, (16, 8), left)
    image.paste(right, (8, 0, 16, 8))
    return image


halves("RGB", ORANGE, BLUE).quantize(2).save("palette.png")
palette = halves("P", 0, 1)
palette.putpalette([*ORANGE, *BLUE])
palette.save("palette-transparent.png", transparency=bytes([255, 51]))
halves("1", 1, 0).save("bits.png")
halves("I;16", 514, 65535).save("deep.png")
halves("LA", (100, 255), (100, 51)).save("grey-alpha.png")
halves("RGBA", (*ORANGE, 255), (*BLUE, 0)).save("rgba.png")
halves("L", 90, 160).save("grey.png", transparency=160)

# Shown upright, the left half is at the top.
exif = Image.Exif()
exif[0x0112] = 6
halves("RGB", ORANGE, BLUE).save("turned.jpg", quality=95, subsampling=0, exif=exif)

# Adobe's CMYK, which Pillow writes, has inverted values.
orange, blue = (0, 122, 211, 25), (217, 178, 0, 55)
halves("CMYK", orange, blue).save("cmyk.jpg", quality=95)

# Of YCCK, which Pillow cannot write, the first three channels are the YCbCr of the inverse of inverted CMY; then the
# marker of Adobe tells so, by its last byte.
ycck = halves("CMYK", orange, blue)
cyan, magenta, yellow, key = ycck.split()
inverse = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr")
invert = lambda channel: channel.point(lambda value: 255 - value)
Image.merge("CMYK", [*map(invert, inverse.split()), key]).save("ycck.jpg", quality=95)
data = bytearray(open("ycck.jpg", "rb").read())
transform = data.index(b"Adobe") + 11
assert data[transform] == 0
data[transform] = 2
open("ycck.jpg", "wb").write(data)

for name in ["cmyk.jpg", "ycck.jpg"]:
    image = Image.open(name).convert("RGB")
    for at, colour in [((2, 4), ORANGE), ((13, 4), BLUE)]:
        assert max(abs(a - b) for a, b in zip(image.getpixel(at), colour)) <= 1, name
