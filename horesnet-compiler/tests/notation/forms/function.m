function [A, b, c] = rk4()
% Classical method
A = zeros(4);
A(2,1) = 1/2;
A(3,2) = 1/2;
A(4,3) = 1;
b = [1 2 2 1]/6;
c = sum(A, 2);
end
