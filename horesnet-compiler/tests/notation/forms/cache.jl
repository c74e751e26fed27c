# The pair of Bogacki and Shampine, as the constants of a Julia solver.
struct BS3ConstantCache{T, T2}
    a21::T
end

function BS3ConstantCache(T, T2)
    a21 = convert(T, 1 // 2)
    a32 = convert(T, 3 // 4)
    a41 = convert(T, 2 // 9)
    a42 = convert(T, 1 // 3)
    a43 = convert(T, 4 // 9)
    c1 = convert(T2, 1 // 2)
    c2 = convert(T2, 3 // 4)
    btilde1 = convert(T, 5 // 72)
    btilde2 = convert(T, -1 // 12)
    btilde3 = convert(T, -1 // 9)
    btilde4 = convert(T, 1 // 8)
    BS3ConstantCache(a21, a32, a41, a42, a43, c1, c2, btilde1, btilde2, btilde3, btilde4)
end
