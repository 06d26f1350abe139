// Local response normalisation across channels, and back.

struct Params {
    channels: u32,
    pixels: u32,
    threads: u32,
}

// The channels in the window of one; and those in whose windows one is.
fn window(channel: u32) -> vec2<u32> {
    let before = (SIZE - 1u) / 2u;
    return vec2<u32>(max(channel, before) - before, min(channel + SIZE / 2u + 1u, params.channels));
}

fn seen_by(channel: u32) -> vec2<u32> {
    let before = SIZE / 2u;
    return vec2<u32>(
        max(channel, before) - before,
        min(channel + (SIZE - 1u) / 2u + 1u, params.channels),
    );
}

fn input(picture: u32, channel: u32, pixel: u32) -> f32 {
    let at = (picture * params.channels + channel) * params.pixels + pixel;
    if (TRANSPOSED) {
        return read_again(at);
    }
    return x[at];
}

fn denominator(picture: u32, channel: u32, pixel: u32) -> f32 {
    let channels = window(channel);
    var sum = K;
    for (var other = channels.x; other < channels.y; other++) {
        let value = input(picture, other, pixel);
        sum += SHARE * value * value;
    }
    return sum;
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let batch = id.y;
    let size = params.channels * params.pixels;
    for (var at = id.x; at < size; at += params.threads) {
        let channel = at / params.pixels;
        let pixel = at % params.pixels;
        if (!TRANSPOSED) {
            let sum = denominator(batch, channel, pixel);
            finish(batch, size, at, x[batch * size + at] * pow(sum, -BETA));
            continue;
        }
        let picture = (walk.first + batch) / walk.repeat;
        let channels = seen_by(channel);
        var spread = 0.0;
        for (var other = channels.x; other < channels.y; other++) {
            let g = x[batch * size + other * params.pixels + pixel];
            let sum = denominator(picture, other, pixel);
            spread += g * input(picture, other, pixel) * pow(sum, -BETA - 1.0);
        }
        let direct = x[batch * size + at] * pow(denominator(picture, channel, pixel), -BETA);
        let value = input(picture, channel, pixel);
        finish(batch, size, at, direct - 2.0 * BETA * SHARE * value * spread);
    }
}
